"""In and out: the only room that reads and writes files. Import from the single files."""
