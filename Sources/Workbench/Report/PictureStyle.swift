/// The colours and letters of all pictures, for light and for dark paper; one text for page and file.
enum PictureStyle {
  /// How many colours series have before they come again with other dashes.
  static let colours = 6

  /// The style as CSS.
  static let text = """
    :root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1f27; --faint: #5d6675;
      --rule: #e1e5eb; --soft: #f3f5f8; --c0: #2f5fd0; --c1: #c2540a; --c2: #19794a; --c3: #8a3ec9;
      --c4: #b8234f; --c5: #0b7785; --tint: 9%; }
    @media (prefers-color-scheme: dark) { :root { --paper: #14161b; --ink: #e7e9ee; --faint: #9aa3b2;
      --rule: #2c313b; --soft: #1d2128; --c0: #84a9ff; --c1: #ffab66; --c2: #6dd39a; --c3: #cba6ff;
      --c4: #ff8ba4; --c5: #5fd0dc; --tint: 16%; } }
    .picture { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    .picture text { fill: var(--ink); white-space: pre; }
    .picture .paper { fill: var(--paper); }
    .picture .head { font-size: 14px; font-weight: 600; }
    .picture .faint { fill: var(--faint); }
    .picture .small { font-size: 11px; }
    .picture .code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono",
      monospace; font-size: 11px; }
    .picture .end { text-anchor: end; }
    .picture .middle { text-anchor: middle; }
    .picture .bold { font-weight: 600; }
    .picture .inverse { fill: var(--paper); }
    .picture .dark { fill: #14161b; }
    .picture .grid { stroke: var(--rule); }
    .picture .axis { stroke: var(--faint); }
    .picture .mark { stroke: var(--faint); stroke-dasharray: 3 3; }
    .picture .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .picture .thin { stroke-width: 1.3; }
    .picture .dash1 { stroke-dasharray: 7 4; }
    .picture .dash2 { stroke-dasharray: 2 4; }
    .picture .ink-line { stroke: var(--ink); }
    .picture .ring { fill: var(--paper); stroke-width: 2; }
    .picture .edge { fill: none; stroke: var(--faint); stroke-width: 1.3; }
    .picture .back { stroke: var(--c4); stroke-dasharray: 5 3; }
    .picture .tip { fill: var(--faint); }
    .picture .back-tip { fill: var(--c4); }
    .picture .frame { fill: var(--soft); stroke: var(--rule); stroke-width: 1.2; }
    .picture .box { stroke-width: 1.3; }
    .picture .plain { fill: var(--paper); stroke: var(--faint); stroke-opacity: 0.7; }
    .picture .bound { fill: var(--paper); stroke: none; }
    \((0..<colours).map(colour).joined(separator: "\n"))
    """

  /// What is drawn in one of the colours.
  private static func colour(_ index: Int) -> String {
    let colour = "var(--c\(index))"
    return """
      .picture .c\(index) { stroke: \(colour); } .picture .f\(index) { fill: \(colour); }
      .picture .b\(index) { stroke: \(colour); fill: color-mix(in srgb, \(colour) var(--tint), var(--paper)); }
      """
  }
}
