internal import GraphIR

/// The different stretches of memory that a program's buffers take, and which of them share bytes.
///
/// Most buffers of a long program take turns in few regions, so that what is known of a region is known of them
/// all.
struct MemoryRegions {
  /// A stretch of memory, in bytes at the axes' bounds.
  struct Region: Hashable {
    /// Which block or array it is in.
    var place: Buffer.Place
    /// Where in it.
    var bytes: Range<Int>
  }

  /// All regions.
  let all: [Region]
  /// The region of each buffer.
  let ofBuffer: [Int]
  /// The regions that share bytes with each, itself among them; outside of the arena all those of its place.
  let overlapping: [[Int]]

  /// Finds the regions of a program whose memory has been planned.
  init(_ program: Program, in graph: Graph) {
    var numbers: [Region: Int] = [:]
    var regions: [Region] = []
    ofBuffer = program.buffers.map { buffer in
      // With the line behind it, into which products read though they make nothing of it.
      let elements = program.greatestElements(of: buffer, in: graph)
      let bytes = buffer.offset..<buffer.offset + Program.rounded(max(1, elements) * 4)
      let region = Region(place: buffer.place, bytes: bytes)
      if let number = numbers[region] { return number }
      numbers[region] = regions.count
      regions.append(region)
      return regions.count - 1
    }
    all = regions
    overlapping = Self.overlapping(regions)
  }

  /// Goes through the arena from its start with those regions open that have not ended.
  private static func overlapping(_ regions: [Region]) -> [[Int]] {
    var result: [[Int]] = regions.indices.map { [$0] }
    var others: [Buffer.Place: [Int]] = [:]
    for number in regions.indices where regions[number].place != .arena {
      others[regions[number].place, default: []].append(number)
    }
    for number in regions.indices where regions[number].place != .arena {
      result[number] = others[regions[number].place] ?? []
    }
    var open: [Int] = []
    let arena = regions.indices.filter { regions[$0].place == .arena }
    for number in arena.sorted(by: { regions[$0].bytes.lowerBound < regions[$1].bytes.lowerBound })
    {
      open.removeAll { regions[$0].bytes.upperBound <= regions[number].bytes.lowerBound }
      for other in open {
        result[number].append(other)
        result[other].append(number)
      }
      open.append(number)
    }
    return result
  }
}
