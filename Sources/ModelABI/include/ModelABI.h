#ifndef RONDO_MODEL_ABI_H
#define RONDO_MODEL_ABI_H
#endif
