using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The words for a mode, which services and upstreams share. Immutable, any thread.</summary>
internal static class ModeKind
{
    public static ChoiceKind<ModeSetting> Kind { get; } =
        new(("proxy-v2", ModeSetting.ProxyV2), ("proxy-v1", ModeSetting.ProxyV1), ("raw", ModeSetting.Raw));

    /// <summary>The word for a mode, as the file writes it.</summary>
    public static string Word(ModeSetting mode) => mode switch
    {
        ModeSetting.ProxyV2 => "proxy-v2",
        ModeSetting.ProxyV1 => "proxy-v1",
        _ => "raw",
    };
}
