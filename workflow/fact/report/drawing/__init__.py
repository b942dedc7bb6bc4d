"""Charts as SVG texts: each is drawn once, when the page is written, and needs no script to be seen."""
