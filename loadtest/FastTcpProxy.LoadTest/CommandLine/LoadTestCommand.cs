using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Scenarios;

namespace FastTcpProxy.LoadTest.CommandLine;

/// <summary>The command line as a whole. Used by the main task.</summary>
internal sealed class LoadTestCommand
{
    private const int RateMax = 50_000;

    /// <summary>MiB: with less the proxy's own code does not run; more than any machine here has.</summary>
    private const int MemoryMin = 64, MemoryMax = 65_536;

    private readonly Argument<string> _name = new("name") { Description = "The scenario; `list` names them.", HelpName = "NAME" };

    private readonly Option<int?> _rate = Rate();

    private readonly Option<TimeSpan?> _duration = Duration();

    private readonly Option<TimeSpan?> _timeout = Duration("--connect-timeout",
        "How long an upstream has to accept, 100ms to 20s. By default 5s.", "100ms", "20s", isWhole: false);

    private readonly Option<string?> _report =
        new("--report")
        {
            Description = "Write report.txt, .md, .csv, .json and .html into this folder: a new or empty one, or one of earlier reports.",
            HelpName = "DIR",
        };

    private readonly Option<string?> _thresholds =
        new("--thresholds") { Description = "What must hold, as JSON, instead of the scenario's own.", HelpName = "FILE" };

    private readonly Option<ProxyChoice[]?> _proxies = new("--proxy")
    {
        Description = "ours, haproxy, nginx, or the path of a build; several, with commas, for a table side by side: "
            + "the first one's thresholds count. By default ours.",
        HelpName = "LIST",
        CustomParser = ParseProxies,
    };

    private readonly Option<int?> _memory = WholeNumber(
        "--memory", "MIB", $"The memory limit of the proxy, as a container has one, {MemoryMin} to {MemoryMax} MiB. "
        + "By default the scenario's own: of hoarders alone 256.", MemoryMin, MemoryMax);

    private readonly Option<bool> _noNamespace = new("--no-namespace") { Description = "Stay on the machine's own loopback, also as root: "
        + "the silent upstream has a full queue then." };

    public static Option<int?> Rate() => WholeNumber(
        "--rate", "N", $"Arrivals a second (of throughput and slow: clients at a time; of hoarders: attackers), 1 to {RateMax}. "
        + "By default the scenario's own.", 1, RateMax);

    public static Option<TimeSpan?> Duration() =>
        Duration("--duration", "How long arrivals continue, in whole seconds, up to 24h. `list` has the full run of each scenario, "
            + "which is the default, and the least.", "1s", "24h", isWhole: true);

    /// <summary>A run that is given up must have ended its processes before the program ends.</summary>
    public static InvocationConfiguration Invocation => new() { ProcessTerminationTimeout = Interruption.ProgramMax };

    /// <summary>Parses and runs. Errors go to standard error.</summary>
    public async Task<int> RunAsync(string[] args)
    {
        Command run = new("run",
            "Runs a scenario. Exit codes: 0 ok, 1 it could not be run, 2 wrong command line, 3 a threshold is breached.")
        {
            _name, _rate, _duration, _report, _thresholds, _proxies, _timeout, _memory, _noNamespace,
        };
        run.Validators.Add(Validate);
        run.SetAction(RunScenarioAsync);
        Command list = new("list", "Names the scenarios.");
        list.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(ScenarioList.ToText());
            return ExitCodes.Ok;
        });
        RootCommand root =
            new("Load tests of a TCP proxy: an open model, latencies from the intended start, failures on purpose.") { run, list };
        ParseResult parsed = root.Parse(args);
        int code = await parsed.InvokeAsync(Invocation);
        return parsed.Errors.Count > 0 ? ExitCodes.WrongCommandLine : code;
    }

    private Task<int> RunScenarioAsync(ParseResult parsed, CancellationToken stop)
    {
        Scenario scenario = Catalogue.Find(parsed.GetValue(_name)!)!;
        RunCommand command = new(scenario, parsed.GetValue(_report), parsed.GetValue(_thresholds), !parsed.GetValue(_noNamespace));
        LoadOptions full = LoadOptions.Of(scenario), options = full with
        {
            Rate = parsed.GetValue(_rate) ?? full.Rate,
            Duration = parsed.GetValue(_duration) ?? full.Duration,
            ConnectTimeout = parsed.GetValue(_timeout) ?? full.ConnectTimeout,
            MemoryMib = parsed.GetValue(_memory) ?? full.MemoryMib,
        };
        return command.RunAsync(options,
            parsed.GetValue(_proxies) is { Length: > 0 } proxies ? proxies : [new ProxyChoice(ProxyKind.FastTcpProxy, null)], stop);
    }

    private void Validate(CommandResult result)
    {
        if (result.GetValue(_name) is { } name && Catalogue.Find(name) is null)
            result.AddError($"there is no scenario '{name}', expected one of {string.Join(", ", Catalogue.All.Select(s => s.Name))}");
    }

    private static Option<int?> WholeNumber(string name, string unit, string description, int min, int max) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max)
                return number;
            result.AddError($"{name}: '{text}', expected a whole number from {min} to {max}");
            return null;
        },
    };

    private static ProxyChoice[] ParseProxies(ArgumentResult result)
    {
        List<ProxyChoice> choices = [];
        foreach (string text in result.Tokens[0].Value.Split(','))
        {
            if (ProxyChoice.Parse(text) is { } choice) choices.Add(choice);
            else result.AddError($"--proxy: '{text}' is neither ours, haproxy, nginx nor the path of a program");
        }
        return [.. choices];
    }

    private static Option<TimeSpan?> Duration(string name, string description, string min, string max, bool isWhole) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (DurationText.Parse(text) is { } duration && duration >= DurationText.Parse(min) && duration <= DurationText.Parse(max)
                && (!isWhole || duration.Ticks % TimeSpan.TicksPerSecond == 0))
                return duration;
            result.AddError($"{name}: '{text}', expected {min} to {max}: a whole number and {(isWhole ? "s" : "ms, s")}, m or h");
            return null;
        },
    };
}
