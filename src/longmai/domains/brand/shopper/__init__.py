"""What a shopper does with a scanned code: reads whether it is recalled, reports a problem."""
