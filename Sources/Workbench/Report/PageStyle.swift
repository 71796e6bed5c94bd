/// How the page of a report looks, beside its pictures.
enum PageStyle {
  /// The style as CSS; the colours are those of `PictureStyle`.
  static let text = """
    * { box-sizing: border-box; }
    html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
    body { margin: 0; padding: 0 20px; background: var(--paper); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    header, main, footer { max-width: 1000px; margin: 0 auto; }
    header { padding-top: 40px; }
    h1 { font-size: 34px; line-height: 1.15; margin: 0 0 14px; letter-spacing: -0.01em;
      overflow-wrap: anywhere; }
    h2 { font-size: 21px; margin: 0 0 14px; }
    section { padding: 28px 0 12px; border-top: 1px solid var(--rule); margin-top: 24px; }
    p { margin: 0 0 12px; max-width: 70ch; }
    .kind { color: var(--faint); font-size: 13px; margin: 0 0 2px; }
    .about { max-width: 75ch; overflow-wrap: anywhere; }
    nav { display: flex; flex-wrap: wrap; gap: 6px 18px; font-size: 14px; margin-top: 20px; }
    a { color: var(--c0); text-decoration: none; } a:hover { text-decoration: underline; }
    .cards { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0 0; }
    .cards div { background: var(--soft); border-radius: 8px; padding: 10px 16px; max-width: 100%;
      overflow-wrap: anywhere; }
    .cards dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
    .cards dt { color: var(--faint); font-size: 13px; }
    figure { margin: 0 0 22px; }
    .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 4px 0; }
    .row { display: flex; flex-wrap: wrap; gap: 4px 28px; } .row figure { max-width: 100%; }
    .scroll { overflow-x: auto; max-width: 100%; }
    .scroll > svg { display: block; height: auto;
      width: min(var(--most), max(100%, var(--least))); }
    .scroll > img { display: block; width: max(100%, 900px); }
    .narrow { display: none; }
    code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums;
      margin: 0 0 18px; }
    th, td { padding: 5px 18px 5px 0; text-align: right; border-bottom: 1px solid var(--rule);
      white-space: nowrap; }
    th:first-child, .facts td { text-align: left; }
    .facts td { white-space: normal; }
    thead th { color: var(--faint); font-weight: 500; }
    tbody th { font-weight: 400; }
    .total tr:last-child > * { font-weight: 600; border-bottom: none; }
    .bars { width: 100%; max-width: 640px; } .bars .bar { width: 100%; }
    .bar i { display: block; height: 14px; border-radius: 3px; background: var(--c0);
      min-width: 1px; }
    details { margin: 0 0 14px; } summary { cursor: pointer; color: var(--c0); font-size: 14px;
      margin-bottom: 10px; }
    .sample { background: var(--soft); border-radius: 8px; padding: 12px 18px; }
    .sample figcaption { color: var(--faint); font-size: 13px; margin-bottom: 6px; }
    blockquote { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
    blockquote b { color: var(--faint); font-weight: 400; }
    .right, .wrong { margin: 6px 0 0; overflow-wrap: anywhere; } .right { color: var(--c2); }
    .wrong { color: var(--c4); }
    pre.text { background: var(--soft); border-radius: 8px; padding: 14px 16px 14px 0; margin: 0 0 12px;
      overflow-x: auto; font: 13px/1.6 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono",
      monospace; tab-size: 2; }
    .line::before { content: attr(data-line); display: inline-block; width: 4ch; margin-right: 2ch;
      text-align: right; color: var(--faint); opacity: 0.7; user-select: none; }
    .line:target { background: color-mix(in srgb, var(--c1) 22%, transparent); }
    .comment { color: var(--faint); font-style: italic; } .keyword { color: var(--c3); }
    .number { color: var(--c5); }
    footer { color: var(--faint); font-size: 13px; padding: 24px 0 40px; }
    @media (max-width: 760px) {
      body { padding: 0 16px; } header { padding-top: 24px; } h1 { font-size: 27px; }
      .wide { display: none; } .narrow { display: block; }
      .pair { display: block; }
      .cards { gap: 8px; } .cards div { padding: 8px 12px; } .cards dd { font-size: 17px; }
      pre.text { font-size: 12px; } table { font-size: 13px; } th, td { padding-right: 11px; }
    }
    @media print { nav { display: none; } section { break-inside: avoid-page; } }
    """
}
