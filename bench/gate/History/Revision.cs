namespace FastTcpProxy.Gate.History;

/// <summary>One of the two that were compared. Immutable.</summary>
/// <param name="Name">For people.</param>
/// <param name="Commit">The full hash; null for a tree that is no commit.</param>
public sealed record Revision(string Name, string? Commit)
{
    private const int ShortHash = 10;

    /// <summary>The beginning of the hash, or else the name.</summary>
    public string ShortName => Commit is { Length: > ShortHash } ? Commit[..ShortHash] : Commit ?? Name;
}
