"""Views show plans: numbers first (:mod:`~orderopt.views.figures`), ink second. Import from the single files."""
