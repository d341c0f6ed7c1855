namespace FastTcpProxy.Daemon.Serving;

/// <summary>What one purpose beside sessions may hold of descriptors. Immutable.</summary>
/// <param name="Name">Of the purpose, for people.</param>
/// <param name="Wanted">What it takes where there are enough.</param>
/// <param name="Least">What it must have; the same as wanted where nothing can bound it.</param>
internal sealed record DescriptorPart(string Name, int Wanted, int Least)
{
    /// <summary>What is kept for it, between the two.</summary>
    public int Granted { get; init; } = Wanted;
}
