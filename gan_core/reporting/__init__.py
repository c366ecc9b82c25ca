"""Reports: text that somebody writes beside panels about runs, live or frozen, as a page and as one HTML file."""
