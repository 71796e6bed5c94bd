import GraphIR
import GraphLanguage
import Testing

/// The one layout.
@Suite struct FormatterTests {
  /// The layout of a text without mistakes.
  private func format(_ text: String) throws -> String {
    try Formatter.format(SourceFile(name: "x.graph", text: text))
  }

  @Test(arguments: Definitions.names)
  func theLayoutSaysTheSameAndStays(_ name: String) throws {
    let file = try Definitions.file(name)
    let once = try Formatter.format(file)
    #expect(tree(once) == SyntaxPrinter.print(Parser.parse(file).0))
    #expect(try format(once) == once)
    let comments = file.bytes.count { $0 == UInt8(ascii: "#") }
    #expect(once.utf8.count { $0 == UInt8(ascii: "#") } == comments)
  }

  @Test func spacesAreCanonical() throws {
    let text = """
      layer   f( x:real[ .. ],y :token( n )[2 ]over t ;k=1,inner:layer ){
      emit   -( 1-k )*x [ a : b ]@y.h+[1,-2] [0],  z
      }


      model m{ # head
        axis  t<=9   in s
        # own

        output( x )
        output [ x ] as v
        loss -x==none
        train  adam( rate : 1e-3 )carry over t   # tail
        }
      """
    #expect(
      try format(text) == """
        layer f(x: real[..], y: token(n)[2] over t; k = 1, inner: layer) {
          emit -(1 - k) * x[a:b] @ y.h + [1, -2][0], z
        }

        model m {  # head
          axis t <= 9 in s
          # own

          output (x)
          output [x] as v
          loss -x == none
          train adam(rate: 1e-3) carry over t  # tail
        }

        """
    )
  }

  @Test func shortBlocksStandOnOneLine() throws {
    #expect(
      try format("layer f(x: real) {\n emit x\n}\nmodel m {\nscan over t {\n a = 1\n b = 2 }}")
        == """
        layer f(x: real) { emit x }
        model m {
          scan over t {
            a = 1
            b = 2
          }
        }

        """
    )
  }

  @Test func longStatementsAreBrokenAtCommas() throws {
    let name = String(repeating: "x", count: 40)
    #expect(
      try format("model m { y = f(g(concat(\(name), \(name), \(name)))) + 1 }") == """
        model m {
          y = f(g(concat(
            \(name),
            \(name),
            \(name)
          ))) + 1
        }

        """
    )
  }

  @Test func commentsStayWhereTheyWere() throws {
    let text = """
      # first

      model m {
        y = f(  # open
          a,   # of a
          # own
          b
          # last
        ) # close
        scan over t { c = 1 # one
        }
        # end
      }
      # after
      """
    let once = try format(text)
    #expect(
      once == """
        # first

        model m {
          y = f(  # open
            a,  # of a
            # own
            b
            # last
          )  # close
          scan over t {
            c = 1  # one
          }
          # end
        }
        # after

        """
    )
    #expect(try format(once) == once)
  }

  @Test func aTextWithMistakesHasNoLayout() {
    #expect(throws: Diagnostics.self) { try format("model m { y = }") }
  }

  @Test func nothingHasAnEmptyLayout() throws {
    #expect(try format("\n\n") == "")
    #expect(try format("model m {}") == "model m { }\n")
  }
}
