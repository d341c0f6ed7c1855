using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The words for a mode, which services and upstreams share. Immutable, any thread.</summary>
internal static class ModeKind
{
    public static ChoiceKind<HeaderMode> Kind { get; } =
        new(("proxy-v2", HeaderMode.ProxyV2), ("proxy-v1", HeaderMode.ProxyV1), ("raw", HeaderMode.Raw));

    /// <summary>The word for a mode, as the file writes it.</summary>
    public static string Word(HeaderMode mode) => mode switch
    {
        HeaderMode.ProxyV2 => "proxy-v2",
        HeaderMode.ProxyV1 => "proxy-v1",
        _ => "raw",
    };
}
