"""What somebody wrote, as HTML: headings, lists, tables and emphasis of Markdown, and nothing that fetches, links or runs.

A report is read by others than who wrote it: an image would be fetched by their browsers from wherever it lies, and a link
leads wherever it likes.  Both stand as they were written.
"""

import html
import re

from markdown_it import MarkdownIt

# Tags of tables, and attributes that say what a cell is.
TAGS = re.compile(r'(</?(?:table|thead|tbody|tr|th|td|div)'
                  r'(?: (?:scope="(?:row|col)"|class="(?:compared|best|odd)"|tabindex="0"))*>)|[<>]')
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(
    ["link", "image", "autolink", "reference", "html_inline", "html_block"])


# Of both themes and of paper, as the tables of comparisons.
STYLE = """
.written table { border-collapse: collapse; margin-bottom: 1rem } .written blockquote { margin-left: 0; padding-left: 1rem;
border-left: 3px solid rgba(128, 136, 150, .5) }
.written td, .written th { padding: .3rem .7rem; border: 0; border-bottom: 1px solid rgba(128, 136, 150, .3);
text-align: left }
"""


def as_html(text):
    """The HTML of a text in Markdown, in a box of the class that :data:`STYLE` is of; raw HTML, links and pictures in it are
    text."""
    return f'<div class="written">{_MARKDOWN.render(text)}</div>'


def tables_alone(text):
    """HTML in which only the tags of tables are tags; all else is text."""
    # Entities stay: of a run that is called "</td>" they make text, and no browser makes a tag of them.
    return TAGS.sub(lambda found: found[1] or html.escape(found[0]), text)
