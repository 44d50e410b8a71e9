"""Where a study is kept: in memory, or in a file."""
