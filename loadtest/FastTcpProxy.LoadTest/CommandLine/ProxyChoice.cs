using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.CommandLine;

/// <summary>One value of --proxy. Immutable.</summary>
/// <param name="Program">A build of ours at a path; null: the one built with this program, or a peer.</param>
internal sealed record ProxyChoice(ProxyKind Kind, string? Program)
{
    public const string Ours = "ours";

    /// <summary>ours, haproxy, nginx, or the path of a program; null: there is nothing there.</summary>
    public static ProxyChoice? Parse(string text) => text switch
    {
        Ours => new(ProxyKind.FastTcpProxy, null),
        "haproxy" => new(ProxyKind.HAProxy, null),
        "nginx" => new(ProxyKind.Nginx, null),
        _ when File.Exists(text) => new(ProxyKind.FastTcpProxy, Path.GetFullPath(text)),
        _ => null,
    };

    /// <summary>As the command line has it.</summary>
    public string Text => Kind switch { ProxyKind.HAProxy => "haproxy", ProxyKind.Nginx => "nginx", _ => Program ?? Ours };

    /// <summary>As a folder may be called; another choice has another one.</summary>
    public string FolderName => Text.Trim('/').Replace('/', '_');
}
