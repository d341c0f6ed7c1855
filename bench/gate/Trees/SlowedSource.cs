using System.Text.RegularExpressions;
using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Gate.Trees;

/// <summary>
/// Makes a tree slower on purpose, to show that the gate finds it: each session, and each step of a relay, burns the time that the
/// environment of the process names. It edits a copy; nothing of it is in the program that is shipped. Pure but for the files.
/// </summary>
internal static class SlowedSource
{
    /// <summary>Nanoseconds to burn when a session begins.</summary>
    public const string SessionVariable = "FASTTCPPROXY_BURN_SESSION_NS";

    /// <summary>Nanoseconds to burn in each step of a relay.</summary>
    public const string StepVariable = "FASTTCPPROXY_BURN_STEP_NS";

    private const string Burn =
        $$"""
        using System.Diagnostics;

        namespace FastTcpProxy.Engine;

        internal static class Burn
        {
            private static readonly long SessionTicks = Ticks("{{SessionVariable}}"), StepTicks = Ticks("{{StepVariable}}");

            public static void Session() => Spin(SessionTicks);

            public static void Step() => Spin(StepTicks);

            private static long Ticks(string variable) =>
                long.TryParse(Environment.GetEnvironmentVariable(variable), out long ns) ? ns * Stopwatch.Frequency / 1_000_000_000 : 0;

            private static void Spin(long ticks)
            {
                long end = Stopwatch.GetTimestamp() + ticks;
                while (Stopwatch.GetTimestamp() < end) { }
            }
        }
        """;

    /// <summary>The methods that are slowed: where every session begins, and what moves every message.</summary>
    private static readonly (string File, string Declaration, string Statement)[] Places =
    [
        ("Sessions/Session.cs", "public void Begin", "Burn.Session();"),
        ("Relay/RelayDirection.cs", "public PumpResult Pump", "Burn.Step();"),
    ];

    /// <summary>Edits the copy of a tree.</summary>
    /// <exception cref="GateException">The methods are not where they are looked for.</exception>
    public static void Apply(string tree)
    {
        string engine = Path.Combine(tree, "src", "FastTcpProxy.Engine");
        foreach ((string file, string declaration, string statement) in Places)
        {
            string path = Path.Combine(engine, file);
            string? edited = File.Exists(path) ? Insert(File.ReadAllText(path), declaration, statement) : null;
            File.WriteAllText(path, edited ?? throw new GateException($"{path}: expected one method \"{declaration}\", to make it slower; "
                + $"say in {nameof(SlowedSource)} where it is now"));
        }
        File.WriteAllText(Path.Combine(engine, "Burn.cs"), Burn);
    }

    /// <summary>
    /// Puts a statement first into the body of the one method that is declared so; null when there is not exactly one, with a body in
    /// braces.
    /// </summary>
    public static string? Insert(string source, string declaration, string statement)
    {
        MatchCollection matches = Regex.Matches(source, Regex.Escape(declaration) + @"\s*\([^{;]*\)\s*\{", RegexOptions.CultureInvariant);
        return matches is [{ } match] ? source.Insert(match.Index + match.Length, $"\n        {statement}") : null;
    }
}
