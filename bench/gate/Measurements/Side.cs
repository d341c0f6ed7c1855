using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Gate.Measurements;

/// <summary>One of the two that are compared: its built tree and its ports. Immutable.</summary>
/// <param name="Name">"base" or "head".</param>
/// <param name="Tree">The top of its source tree, built.</param>
/// <param name="Port">Where its proxy listens.</param>
/// <param name="UpstreamPort">Where its upstream listens.</param>
/// <param name="Cpus">Where its proxy runs; empty: anywhere.</param>
internal sealed record Side(string Name, string Tree, int Port, int UpstreamPort, int[] Cpus)
{
    public ProxyUnderTest Start(bool withProbe) => Affinity.On(Cpus, () => ProxyUnderTest.Start(Tree, Port, UpstreamPort, withProbe));

    /// <summary>Starts it without waiting for it to listen.</summary>
    public ProxyUnderTest Launch() => Affinity.On(Cpus, () => ProxyUnderTest.Launch(Tree, Port, UpstreamPort, withProbe: false));
}
