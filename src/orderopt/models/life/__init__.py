"""What happens to an order: states and lawful steps, holds, quantities, events, and the documents they make."""
