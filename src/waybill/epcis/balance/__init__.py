"""Chain of custody (ISO 22095): balance accounts, claims and credits, quotas, and the monthly product flow.

::

    accounts       each site's stock of each material, month by month
    models         the custody models of ISO 22095
    claims         credits of mass balance and book and claim; mixtures that segregation forbids
    quotas         rare-earth oxides mined and separated, against what was allotted
    product_flow   the report that is due by the 10th
"""
