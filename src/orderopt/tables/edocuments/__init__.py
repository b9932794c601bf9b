"""Electronic documents: invoices as Factur-X (the extra ``edi``)."""
