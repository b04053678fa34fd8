"""The life of an asset: inspections, inventory, depreciation, disposal, one timeline."""
