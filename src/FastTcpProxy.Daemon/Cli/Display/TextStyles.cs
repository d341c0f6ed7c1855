using Spectre.Console;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>How texts are colored where the screen has colors: never the only carrier of a meaning. Immutable.</summary>
internal static class TextStyles
{
    public static readonly Style Good = new(Color.Green);
    public static readonly Style Bad = new(Color.Red);
    public static readonly Style Attention = new(Color.Yellow);
    public static readonly Style Heading = new(decoration: Decoration.Bold);
}
