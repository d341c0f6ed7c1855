using System.Text.RegularExpressions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>What standard output can show. Immutable.</summary>
/// <param name="Width">In characters. Lines are not broken where the output is not a terminal: a program reads it, or a wider terminal
/// shows it later.</param>
/// <param name="HasColors">Whether escape codes are understood and wanted.</param>
internal sealed partial record Screen(int Width, bool HasColors)
{
    /// <summary>Wider than any table.</summary>
    public const int Unbounded = 100_000;

    /// <summary>What a terminal that does not tell its width is taken for.</summary>
    private const int UsualWidth = 80;

    public static Screen OfStandardOutput() =>
        Console.IsOutputRedirected
            ? new Screen(Unbounded, false)
            : new Screen(
                Console.WindowWidth is > 0 and int width ? width : UsualWidth,
                string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                && Environment.GetEnvironmentVariable("TERM") != "dumb");

    /// <summary>
    /// The parts as text, one below the other, without the blanks at the ends of lines. The library draws and colors them; its own console,
    /// which finds out by itself what the terminal can, is left out.
    /// </summary>
    public string Draw(IEnumerable<IRenderable> parts)
    {
        Capabilities capabilities = new()
        {
            Ansi = HasColors, ColorSystem = HasColors ? ColorSystem.Standard : ColorSystem.NoColors, Unicode = true,
        };
        RenderOptions options = new(capabilities, new Size(Width, int.MaxValue));
        using StringWriter text = new();
        AnsiWriter writer = new(text, capabilities);
        foreach (Segment segment in parts.SelectMany(part => part.Render(options, Width))) writer.Write(segment.Text, segment.Style);
        return string.Concat(text.ToString().TrimEnd('\n').Split('\n').Select(line => WithoutBlanksAtEnd(line) + '\n'));
    }

    private static string WithoutBlanksAtEnd(string line) =>
        End.Replace(line, end => end.Value.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Blanks and colors that no letter follows.</summary>
    [GeneratedRegex("( |\u001b\\[[0-9;]*m)+$", RegexOptions.ExplicitCapture)]
    private static partial Regex End { get; }

    /// <summary>The same of parts that need much width where they get it, and of others where they do not.</summary>
    /// <param name="parts">Makes them; true: wide.</param>
    public string DrawFitting(Func<bool, IReadOnlyList<IRenderable>> parts)
    {
        IReadOnlyList<IRenderable> wide = parts(true);
        return Draw(Fits(wide) ? wide : parts(false));
    }

    /// <summary>
    /// Whether no line of these parts has to be broken. A path of a UNIX socket may have characters that are as wide as two.
    /// </summary>
    public bool Fits(IEnumerable<IRenderable> parts) =>
        new Screen(Unbounded, false).Draw(parts).Split('\n').All(line => new Segment(line).CellCount() <= Width);
}
