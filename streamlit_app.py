"""The GAN workbench: where Streamlit begins, and nothing else.

Streamlit imports this file once, to find the app in it, and runs it as ``__main__`` for every visitor.
"""

import streamlit as st
from starlette.middleware import Middleware

from pages.components import door, examples_view, failure, keyboard, shell

if __name__ == "__main__":
    page = shell.navigation()
    keyboard.listen()
    page.run()
else:
    shell.before_visitors()
    app = st.App(__file__, routes=(*shell.routes(), *examples_view.routes()), middleware=[Middleware(door.Door)],
                 on_script_error=failure.unhandled)
