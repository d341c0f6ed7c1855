using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The words for a mode, which services and upstreams share. Immutable, any thread.</summary>
internal static class ModeKind
{
    private const string NoHeader = "did you mean \"raw\", which sends no PROXY header?";

    public static ChoiceKind<HeaderMode> Kind { get; } =
        new(("proxy-v2", HeaderMode.ProxyV2, "The upstream gets a PROXY header of version 2 (binary)."),
            ("proxy-v1", HeaderMode.ProxyV1, "The upstream gets a PROXY header of version 1 (one line of text)."),
            ("raw", HeaderMode.Raw, "The upstream gets no header, and sees the proxy as its client."))
        {
            Foreign = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["tcp"] = NoHeader, ["none"] = NoHeader, ["off"] = NoHeader, ["plain"] = NoHeader, ["stream"] = NoHeader,
                ["http"] = "HTTP is proxied as any other bytes; did you mean \"raw\", which sends no PROXY header?",
                ["send-proxy"] = "did you mean \"proxy-v1\"?",
            },
        };

    /// <summary>The word for a mode, as the file writes it.</summary>
    public static string Word(HeaderMode mode) => mode switch
    {
        HeaderMode.ProxyV2 => "proxy-v2",
        HeaderMode.ProxyV1 => "proxy-v1",
        _ => "raw",
    };
}
