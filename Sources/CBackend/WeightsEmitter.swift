/// Writes `NAME_weights.S`, which puts a block of parameters into a library as it is.
package enum WeightsEmitter {
  /// What the file of the block is called.
  package static func dataFile(_ prefix: String) -> String { prefix + ".weights" }
  /// What the file that includes it is called.
  package static func assemblyFile(_ prefix: String) -> String { prefix + "_weights.S" }
  /// What lets the C use the block.
  package static func macro(_ prefix: String) -> String { prefix.uppercased() + "_WEIGHTS" }

  /// The text that includes the block, for any processor: it has no instruction.
  package static func text(_ prefix: String, hash: String) -> String {
    let (data, symbol) = (dataFile(prefix), prefix + "_weights")
    return """
      /* The weights of the model \(prefix) as data: the block of parameters in \(data).
       *
       * Beside \(prefix).c, which is to be compiled with \(macro(prefix)):
       *   cc -O2 -D\(macro(prefix)) -c \(prefix).c && cc -I. -c \(assemblyFile(prefix))
       */
      #if defined(__APPLE__)
      #define SYMBOL(name) _##name
      #define OWN .private_extern
      .section __TEXT,__const
      #else
      #define SYMBOL(name) name
      #define OWN .hidden
      .section .rodata
      #endif
      .globl SYMBOL(\(symbol))
      OWN SYMBOL(\(symbol))
      .globl SYMBOL(\(symbol)_hash)
      OWN SYMBOL(\(symbol)_hash)
      .balign 64
      SYMBOL(\(symbol)):
      .incbin "\(data)"
      SYMBOL(\(symbol)_hash):
      .asciz "\(hash)"
      #if defined(__ELF__)
      .type \(symbol), %object
      .size \(symbol), \(symbol)_hash - \(symbol)
      .type \(symbol)_hash, %object
      .size \(symbol)_hash, 65
      .section .note.GNU-stack, "", %progbits
      #endif

      """
  }
}
