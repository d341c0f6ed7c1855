using FastTcpProxy.Compare.Load;

namespace FastTcpProxy.Compare.Contestants;

/// <summary>What the contestants tell the backend.</summary>
public enum ProxyMode
{
    Raw,
    V1,
    V2,
}

/// <summary>The modes' names, and the header that a contestant sends in a mode. Pure, any thread.</summary>
public static class ProxyModes
{
    /// <summary>In the command line and in reports.</summary>
    public static string Name(this ProxyMode mode) => mode switch { ProxyMode.Raw => "raw", ProxyMode.V1 => "v1", _ => "v2" };

    /// <summary>nginx's stream module sends version 1 only, also where the others send version 2.</summary>
    public static HeaderKind HeaderOf(this ContestantKind kind, ProxyMode mode) => (mode, kind) switch
    {
        (ProxyMode.Raw, _) => HeaderKind.None,
        (ProxyMode.V2, not ContestantKind.Nginx) => HeaderKind.V2,
        _ => HeaderKind.V1,
    };
}
