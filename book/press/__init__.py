"""The press: makes the pages, slides, notebooks, paper, exam and classroom out of the book's sources."""
