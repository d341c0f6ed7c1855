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
}
