"""Settlement: invoices, credit notes, payments, returns accepted, suppliers' invoices, and the end of an order."""
