import GraphIR
import TestSupport
import Testing

@testable import Lowering

@Suite("The picture of memory")
struct MemoryPictureTests {
  private func picture(_ names: [Entry]) throws -> (svg: String, programs: [Program]) {
    let model = try LoweredModel(SampleModels.plan("letters"))
    let programs = model.programs.filter { names.contains($0.entry) }
    return (MemoryPicture.svg(of: programs, in: model.graph), programs)
  }

  private func count(_ text: String, in svg: String) -> Int {
    svg.split(separator: "\n").count { $0.contains(text) }
  }

  @Test("has a rectangle for each buffer of the arena, and one for each statement and loop")
  func rectangles() throws {
    let model = try LoweredModel(SampleModels.plan("letters"))
    for program in model.programs where program.entry == .train {
      let svg = MemoryPicture.svg(of: [program], in: model.graph)
      let lives = BufferLives(program)
      let buffers = program.buffers.indices.count {
        program.buffers[$0].place == .arena && lives.life[$0] != nil
      }
      // Up to fifteen buffers are listed with a sample of their colour.
      #expect(count("<rect class=\"buffer\"", in: svg) == buffers + min(buffers, 15))
      #expect(count("<rect class=\"statement\"", in: svg) == lives.count)
      #expect(count("<rect class=\"loop\"", in: svg) == program.loops.count)
      #expect(lives.loops.count == program.loops.count)
    }
  }

  @Test("has a panel for each program, and says the arena's bytes and the peak's")
  func panels() throws {
    let (svg, programs) = try picture([.infer, .train, .step])
    #expect(count("class=\"curve\" points", in: svg) == programs.count)
    for program in programs {
      #expect(svg.contains(">\(program.entry.rawValue)</text>"))
      #expect(svg.contains("arena \(MemoryPicture.text(program.arenaBytes)); lives together"))
    }
  }

  @Test("is the same text every time, with nothing from outside and no open tag")
  func text() throws {
    let (svg, _) = try picture([.train])
    #expect(try picture([.train]).svg == svg)
    #expect(!svg.contains("href") && !svg.contains("url("))
    for tag in ["svg", "text", "title", "style"] {
      let opened = svg.split(separator: "<\(tag)").count - 1
      let closed = svg.split(separator: "</\(tag)>").count - 1
      #expect(opened == closed || tag == "svg", "\(tag)")
    }
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
  }

  @Test(
    "tells bytes in the unit that suits them",
    arguments: zip(
      [0, 999, 1000, 1_049, 999_999, 1_000_000, 25_363_328, 64 << 30],
      ["0 bytes", "999 bytes", "1.0 kB", "1.0 kB", "999.9 kB", "1.0 MB", "25.3 MB", "68.7 GB"]
    )
  )
  func bytes(_ count: Int, _ wanted: String) { #expect(MemoryPicture.text(count) == wanted) }
}
