#include "ModelABI.h"
