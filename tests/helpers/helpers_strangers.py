"""Texts that strangers write: what each would be if a page took it for Markdown or HTML."""

ELSEWHERE = "http://strangers.example"  # nothing must ever be asked of it
TEXTS = [
    f"![x]({ELSEWHERE}/a.png)", f"[x]({ELSEWHERE})", f"[![x]({ELSEWHERE}/a.png)]({ELSEWHERE})", f"<{ELSEWHERE}>",
    f"{ELSEWHERE}/a", "https://strangers.example",
    "www.strangers.example", "WwW.strangers.example/a?b=c",
    "mailto:a@strangers.example", "<a@strangers.example>", "ftp://strangers.example", "javascript:alert(1)",
    "[x](javascript:alert(1))", f"![x][y]\n\n[y]: {ELSEWHERE}/a.png", f"[y]: {ELSEWHERE}", f"<img src={ELSEWHERE}/a.png>",
    f"<a href={ELSEWHERE}>x</a>", f"<script src={ELSEWHERE}></script>", f"<iframe src='{ELSEWHERE}'></iframe>",
    f'"><img src={ELSEWHERE}/a.png onerror=alert(1)>', "<b>x</b>", "<!-- x -->", "&lt;b&gt; &amp; &#42;x&#42; &copy;",
    "$x^2$", "$$\\frac{1}{2}$$", "costs $5 and $6", "\\(x\\)", f"$\\href{{{ELSEWHERE}}}{{x}}$",
    ":material/home:", ":material_home:", "a:material/home:b", ":streamlit:", ":smile:", "a :+1: b", ":100:", "10:100:20",
    ":red[x]", ":blue-badge[x]", ":small[x]", ":help[x]{body='y'}", ":rainbow[:material/star:]", "::x[y]{z}", ":::x",
    "**x**", "*x*", "__x__", "_x_", "~~x~~", "`x`", "```x```", "~~~x~~~", "``a`b``", "\\*x\\*", "\\", "x\\",
    "# x", "###### x", "- x", "* x", "+ x", "1. x", "2) x", "> x", "---", "***", "===", "    x", "\tx", "- [ ] x", "[^1]",
    "[^1]: x",
    "| a | b |\n|---|---|\n| c | d |", "a|b", ":-|-:", "-> x", "x <- y", "a <-> b", "x -- y", ">= 3", "x <= y", "~= z",
    "(c) ...",
    "one\ntwo\n\nthree", "a  \nb", "\x00\x07\x1b[31mred", "\u202etxt.exe", "\ud800", "a\u2028b", "\ufeff-> x", " ", "",
    "x" * 3000,
    "{x}", "{0}", "%s", "%(x)s", "a_b_c", "2*3*4", "C:\\Users\\x", "f(x) = [1, 2]", "日本語 🙂 ü", "<|endoftext|>",
]
