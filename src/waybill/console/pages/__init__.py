"""The console's pages: one module a page, each view asks ``flow`` and shows a template.

``routes`` says where each page is, ``frame`` what surrounds all of them, ``writing`` how templates write what the model
holds, ``troubles`` how faults are shown; ``allowed`` declares who may see a page.
"""
