"""What every training needs: checkpoints, random draws by step, losses, processes, weights of others."""
