"""The one room that speaks to embeddings: shelves of texts, asked in words and in vectors."""
