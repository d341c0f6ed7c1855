namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>Finds the word that was meant. Pure functions, any thread.</summary>
public static class Spelling
{
    /// <summary>Longer words are no misspelling of a key, and the distance costs the product of both lengths.</summary>
    private const int LengthMax = 48;

    /// <summary>The candidate nearest to the word without regard to case, or null when none is within a third of its length.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LengthMax)
            return null;
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in candidates)
        {
            // The distance is at least the difference in length, which costs nothing to see.
            int allowed = Math.Max(1, candidate.Length / 3);
            if (Math.Abs(candidate.Length - word.Length) > allowed)
                continue;
            int distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < bestDistance && distance <= allowed)
                (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.</summary>
    internal static int Distance(string a, string b)
    {
        int[,] costs = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            costs[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            costs[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = costs[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                costs[i, j] = Math.Min(substituted, 1 + Math.Min(costs[i - 1, j], costs[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
            }
        }
        return costs[a.Length, b.Length];
    }
}
