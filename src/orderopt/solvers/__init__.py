"""DECIDE: strategies that answer questions asked in integers. Import from the single rooms."""
