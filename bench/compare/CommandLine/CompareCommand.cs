using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Compare.CommandLine;

/// <summary>The command line as a whole. Used by the main thread.</summary>
internal sealed class CompareCommand
{
    private const string Examples =
        """
        Subjects of --what:
          conn, pp                    CPU of a connection, of a round trip (us)
          bulk, up                    CPU of a stream down, up (s per GiB); HAProxy also when told to splice
          idle, blackhole             memory of an open silent connection, of a client that waits on a silent upstream (bytes)
          latency-conn, latency-pp    p50, p99, p99.9 at a fixed rate, from the intended start (us)
          start                       process start to the first connection that reaches the upstream (ms)

        Examples:
          dotnet run -c Release --project bench/compare
          dotnet run -c Release --project bench/compare -- --what conn,pp --mode v2,raw --markdown results.md
          dotnet run -c Release --project bench/compare -- --what conn --peers "" --build base=/tmp/base --build head=/tmp/head
          dotnet run -c Release --project bench/compare -- --what conn --build off=/tmp/x --build on=/tmp/x --keys 'on="hedge": true'
          dotnet run -c Release --project bench/compare -- --what latency-pp --rate 20000 --seconds 5 --peers haproxy

        As root it makes a network of its own (ports, backlog); otherwise it uses the machine's loopback. Keep the machine quiet: it takes
        one CPU for the proxy and one for the load. Exit codes: 0 ok, 1 something could not be measured, 2 wrong command line.
        """;

    private readonly Option<Subject[]> _what = new("--what")
    {
        Description = $"What is measured, or all; see below. "
            + $"By default {string.Join(',', CompareOptions.SubjectsDefault.Select(s => s.Name()))}.",
        HelpName = "LIST",
        CustomParser = OptionValues.Words([.. Subjects.All.Select(s => (s.Name(), s))], "all"),
    };

    private readonly Option<string[]> _builds = new("--build")
    {
        Description = "A build of fasttcpproxy: a program, a .dll, or the folder of one. Give several to compare them; "
            + "the first is what ratios compare with. By default the repository's own.",
        HelpName = "NAME=PATH",
    };

    private readonly Option<string[]> _keys = new("--keys")
    {
        Description = "Keys of the service of one of these builds, as JSON members, and a second upstream in its list.",
        HelpName = "NAME=KEYS",
    };

    private readonly Option<string[]> _peers = new("--peers")
    {
        Description = "Who else takes part: haproxy, haproxy-splice (in bulk and up), nginx, naive; \"\" for none. "
            + "By default all that are installed.",
        HelpName = "LIST",
        CustomParser = result => result.Tokens[0].Value.Length == 0
            ? [] : OptionValues.Words([.. ContestantFinder.PeerNames.Select(n => (n, n))])(result),
    };

    private readonly Option<ProxyMode[]> _modes = new("--mode")
    {
        Description = "The PROXY header that is sent upstream: raw (none), v1, v2; several are measured in turn. By default v2.",
        HelpName = "LIST",
        CustomParser = OptionValues.Words([("raw", ProxyMode.Raw), ("v1", ProxyMode.V1), ("v2", ProxyMode.V2)]),
    };

    private readonly Option<int> _threads = Whole(
        "--threads", "Threads of each contestant. With 1 proxy and load are pinned to CPUs of their own.",
        1, CompareOptions.ThreadsMax, 1);

    private readonly Option<int> _rounds = Whole(
        "--rounds", "Rounds, in each of which every contestant has its turn.",
        1, CompareOptions.RoundsMax, CompareOptions.RoundsDefault);

    private readonly Option<int> _connections = Whole(
        "--connections", "Connections at a time of conn, pp and latency-pp.",
        1, CompareOptions.ConnectionsMax, CompareOptions.ConnectionsDefault);

    private readonly Option<double?> _seconds = Real(
        "--seconds", "Length of a measured window.",
        CompareOptions.SecondsMin, CompareOptions.SecondsMax, CompareOptions.SecondsDefault);

    private readonly Option<double?> _warmUp = Real(
        "--warm-up", "Seconds of load before the first round for what compiles itself while it runs.",
        0, CompareOptions.SecondsMax, CompareOptions.WarmUpDefault);

    private readonly Option<double?> _rate = Real(
        "--rate", "Operations a second of latency-conn and latency-pp. By default half of what the slowest contestant can.",
        1, CompareOptions.RateMax, null);

    private readonly Option<string?> _json = new("--json") { Description = "Write the report as JSON.", HelpName = "FILE" };
    private readonly Option<string?> _markdown = new("--markdown") { Description = "Write the report as Markdown.", HelpName = "FILE" };
    private readonly Option<bool> _noNamespace =
        new("--no-namespace") { Description = "Stay on the machine's own loopback, also as root." };

    /// <summary>Parses and runs. Errors go to standard error; no exception leaves it.</summary>
    public static int Run(string[] args)
    {
        CompareCommand command = new();
        ParseResult result = command.Build(args).Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (ParseError error in result.Errors) Console.Error.WriteLine($"error: {error.Message}");
            Console.Error.WriteLine("See: dotnet run -c Release --project bench/compare -- --help");
            return ExitCodes.Usage;
        }
        try
        {
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is ContestantException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>What the parsed line asks for.</summary>
    public CompareOptions ToOptions(ParseResult result) => new()
    {
        Subjects = Given(result, _what) ?? CompareOptions.SubjectsDefault,
        Builds = [.. (result.GetValue(_builds) ?? []).Select(ParseBuild)],
        Keys = [.. (result.GetValue(_keys) ?? []).Select(ParseBuild)],
        Peers = Given(result, _peers) ?? ContestantFinder.PeerNames,
        Modes = Given(result, _modes) ?? [ProxyMode.V2],
        Threads = result.GetValue(_threads),
        Rounds = result.GetValue(_rounds),
        Connections = result.GetValue(_connections),
        Seconds = result.GetValue(_seconds)!.Value,
        WarmUpSeconds = result.GetValue(_warmUp)!.Value,
        Rate = result.GetValue(_rate),
    };

    /// <summary>The list of an option; null when the option is not there, of which the library would make an empty one.</summary>
    private static T[]? Given<T>(ParseResult result, Option<T[]> option) =>
        result.GetResult(option) is null ? null : result.GetValue(option);

    /// <param name="args">As they were given, for the command that makes the report again.</param>
    public RootCommand Build(string[] args)
    {
        RootCommand root = new("What a connection, a round trip, a GiB cost in FastTcpProxy, HAProxy, nginx and a naive C# proxy, "
            + "side by side on this machine.")
        {
            _what, _builds, _keys, _peers, _modes, _threads, _rounds, _seconds, _warmUp, _connections, _rate, _json, _markdown,
            _noNamespace, LoadCommand.Build(),
        };
        OptionValues.RefuseEmpty(_json, "the path of a file");
        OptionValues.RefuseEmpty(_markdown, "the path of a file");
        _builds.Validators.Add(result =>
        {
            string[] names = [.. result.Tokens.Select(t => ParseBuild(t.Value).Name)];
            foreach (Token token in result.Tokens)
            {
                (string name, string path) = ParseBuild(token.Value);
                bool isTaken = names.Count(n => n == name) > 1 || ContestantFinder.PeerNames.Contains(name);
                if (name.Length == 0 || path.Length == 0 || name.Contains('/', StringComparison.Ordinal))
                    result.AddError($"--build {token.Value}: expected NAME=PATH");
                else if (isTaken) result.AddError($"--build {token.Value}: the name {name} is taken");
            }
        });
        root.Validators.Add(result =>
        {
            string[] names = [.. (result.GetValue(_builds) ?? []).Select(b => ParseBuild(b).Name)];
            foreach (string text in result.GetValue(_keys) ?? [])
            {
                (string name, string keys) = ParseBuild(text);
                if (keys.Length == 0 || !names.Contains(name))
                    result.AddError($"--keys {text}: expected NAME=KEYS, with the NAME of a --build");
            }
        });
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.SetAction(result =>
        {
            RunSettings settings = new(result.GetValue(_json), result.GetValue(_markdown), !result.GetValue(_noNamespace), args);
            return CompareRun.Run(ToOptions(result), settings);
        });
        return root;
    }

    private static (string Name, string Path) ParseBuild(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : ("", text);

    private static Option<int> Whole(string name, string description, int min, int max, int value) => new(name)
    {
        Description = description, HelpName = "N", CustomParser = OptionValues.WholeNumber(min, max), DefaultValueFactory = _ => value,
    };

    private static Option<double?> Real(string name, string description, double min, double max, double? value) => new(name)
    {
        Description = description, HelpName = "X", CustomParser = OptionValues.Number(min, max), DefaultValueFactory = _ => value,
    };

    /// <summary>The library's help, and after it the subjects and examples.</summary>
    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is RootCommand) parseResult.InvocationConfiguration.Output.WriteLine(Examples);
            return ExitCodes.Ok;
        }
    }
}
