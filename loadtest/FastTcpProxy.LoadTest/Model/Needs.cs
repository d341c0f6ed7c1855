namespace FastTcpProxy.LoadTest.Model;

/// <summary>What a scenario needs of the machine. Immutable.</summary>
/// <param name="Descriptors">At a time, of the process that needs most.</param>
/// <param name="Ports">Ephemeral ports at a time, of the address that needs most.</param>
public sealed record Needs(int Descriptors, int Ports)
{
    /// <summary>What each process has open beside connections.</summary>
    public const int DescriptorsBeside = 300;

    /// <summary>
    /// So many connections through the proxy at a time: the proxy has two descriptors for each, and so has the load, being client and
    /// upstream.
    /// </summary>
    public static Needs ForConnections(int connections) => new(2 * connections + DescriptorsBeside, connections + DescriptorsBeside);

    /// <summary>
    /// The most connections that a load with so many descriptors may have open. It must not use the last ones: the runtime needs some for
    /// itself, and ends the process ("Out of memory") when it gets none.
    /// </summary>
    public static int ConnectionsMaxOf(int descriptors) => Math.Max(1, (descriptors - DescriptorsBeside) / 2);
}
