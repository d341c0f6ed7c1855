using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>
/// Single lines for people: control characters are escaped, and a terminal gets them folded between words. A file or a program gets each in
/// one line. Used by the task of the command.
/// </summary>
internal static class TerminalLine
{
    /// <summary>A result, on standard output.</summary>
    public static void Say(string line) => Write(Console.Out, Console.IsOutputRedirected, line);

    /// <summary>What is wrong, on standard error.</summary>
    public static void Complain(string line) => Write(Console.Error, Console.IsErrorRedirected, line);

    private static void Write(TextWriter output, bool isRedirected, string line)
    {
        int width = isRedirected ? int.MaxValue : Console.WindowWidth is > 0 and int known ? known : Folded.UsualWidth;
        output.WriteLine(Folded.Of(OneLine.Escape(line), width));
    }
}
