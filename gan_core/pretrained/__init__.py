"""Networks that others have trained, from files: nothing is downloaded, and nothing in a file is executed."""
