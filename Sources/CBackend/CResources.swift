/// The C that stands at the head of every model, for those who try it apart from any model.
package enum CResources {
  /// Vectors, elementary functions and chance; `isFused` as in fast mode.
  package static func functions(isFused: Bool) -> String {
    """
    #include <stddef.h>
    #include <stdint.h>
    #include <string.h>
    #define RONDO_FUSED \(isFused ? 1 : 0)

    """ + String(decoding: PackageResources.Functions_h, as: UTF8.self)
  }
}
