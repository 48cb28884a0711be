/** Names that try to be something else: markup, links, mentions, commands, the end of a comment or a fence. */
export const NASTY = [
  'a|b', 'a\\|b', 'back`tick', '`', '``` ```', '<script>alert(1)</script>', '<!-- x', '--> end', '<img src=x onerror=y>', '</details>', '@octocat', 'a@example.com', '#12', 'GH-34', 'acme/churn#5',
  '[x](https://evil.example)', '![x](https://evil.example/x.png)', 'https://evil.example/a|b', 'www.evil.example', '**bold** _it_ ~~s~~', '# heading', '- item', '1. one', '> quote', '- [ ] task', '$x^2$',
  'line\nbreak', '\u2028separator', 'bidi\u202Eevil', 'zero\u200Bwidth', '\u001B[31mred\u001B[0m', 'nul\u0000', 'half\uD800', '日本語のスナップショット', '👩‍🔬 science', '\u0301\u0302\u0303', '&lt;', '&#64;octocat', '::error::x', '~~~', '\\', ' ', ''
] as const
