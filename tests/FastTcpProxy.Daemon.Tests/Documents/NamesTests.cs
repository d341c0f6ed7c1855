using System.Text.Json;
using System.Text.RegularExpressions;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>
/// What a document names is there: types, keys, files, commands, options, events. A rename that leaves a document behind fails here.
/// </summary>
public sealed partial class NamesTests
{
    /// <summary>Of the platform or of other programs, named because they are not used here.</summary>
    private static readonly string[] Foreign =
        ["UnfairSemaphoreSpinLimit", "SocketAsyncContext", "WebApplication.CreateSlimBuilder", "UseHttps", "TcpExtListenOverflows",
            "TimeoutStopSec"];

    /// <summary>What programs write, documents of others, and what only looks like a path.</summary>
    private static readonly string[] ForeignPaths =
        ["this/ours", "DIR/SCENARIO.json", "load/SCENARIO/", "load/SCENARIO.txt", "reports/", "report.md", "comparison.md",
            "writers.p99_ms/quiet.p99_ms", "doc/proxy-protocol.txt", "application/json", "text/event-stream"];

    [Fact]
    public void Types_AreInTheSources() => AssertAll(90, document => document.Names
        .Where(n => TypeName().IsMatch(n) && !Foreign.Contains(n) && !n.EndsWith(".cs", StringComparison.Ordinal)
            && !n.EndsWith(".sln", StringComparison.Ordinal))
        .Select(n => (n, n.Split('.').All(Repository.HasWord) || Repository.HasPlace(n))));

    [Fact]
    public void Paths_LeadToFilesAndFolders() => AssertAll(40, document => document.Names
        .Where(n => PathName().IsMatch(n) && !ForeignPaths.Contains(n))
        .Select(n => (n, Repository.HasPlace(n))));

    /// <summary>A dotted key is one of the configuration; another word in its spelling may also be one that the program writes.</summary>
    [Fact]
    public async Task Keys_AreThoseOfTheConfigurationOrOfWhatTheProgramWrites()
    {
        using JsonDocument schema = JsonDocument.Parse((await ProxyExecutable.RunAsync(["schema"])).Output);
        HashSet<string> keys = [], pairs = [];
        Walk(schema.RootElement, "", (parent, key) =>
        {
            keys.Add(key);
            pairs.Add($"{parent}.{key}");
        });

        AssertAll(200, document => document.Names.Where(n => KeyName().IsMatch(n) && !Foreign.Contains(n)).Select(n => (n, IsKnown(n))));

        bool IsKnown(string name)
        {
            string[] parts = name.Split('.');
            return parts.Length == 1
                ? keys.Contains(name) || Repository.HasText(name) || Repository.HasWord(char.ToUpperInvariant(name[0]) + name[1..])
                : IsReason(parts) || pairs.Contains(string.Join('.', parts[^2..]));
        }
    }

    [Fact]
    public async Task Commands_AreThoseOfTheProgram()
    {
        (string Document, string Command)[] commands = [.. from document in Document.All
            from line in document.Lines.Concat(document.Names)
            from Match match in Call().Matches(line)
            select (document.Path, match.Groups[1].Value.Trim())];
        List<string> wrong = [];
        Dictionary<string, ProcessResult> known = [];
        foreach ((string document, string command) in commands)
        {
            string[] words = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            string[] verbs = [.. words.TakeWhile(w => Verb().IsMatch(w)).Take(2)];
            ProcessResult help = await HelpAsync(verbs);
            // The second word may be an argument, such as a shell's name. Help for an unknown command is that of the program.
            bool isArgument = verbs.Length == 2 && !IsOf(help, verbs);
            if (isArgument) help = await HelpAsync(verbs = verbs[..1]);
            if (verbs.Length == 0 && words.Length > 0 && !words[0].StartsWith("--", StringComparison.Ordinal)) continue;
            if (help.ExitCode != 0 || !IsOf(help, verbs) || (isArgument && help.Output.Contains("\nCommands:", StringComparison.Ordinal)))
                wrong.Add($"{document}: {command}");
            wrong.AddRange(words.Where(w => Option().IsMatch(w) && !Regex.IsMatch(help.Output, $@"(?<![\w-]){Regex.Escape(w)}(?![\w-])"))
                .Select(w => $"{document}: {command}: {w}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));
        Assert.True(commands.Length > 40, $"{commands.Length} commands were found");

        static bool IsOf(ProcessResult help, string[] verbs) =>
            Regex.IsMatch(help.Output, $@"fasttcpproxy {string.Join(' ', verbs)}(?![\w-])");

        async Task<ProcessResult> HelpAsync(string[] verbs)
        {
            string name = string.Join(' ', verbs);
            if (!known.TryGetValue(name, out ProcessResult? help))
                known[name] = help = await ProxyExecutable.RunAsync([.. verbs, "--help"]);
            return help;
        }
    }

    [Fact]
    public void Options_AreReadSomewhere() => AssertAll(15, document => document.Names
        .Where(n => Option().IsMatch(n))
        .Select(n => (n, Repository.Mentions($"\"{n}\"") || Repository.Mentions($"{n})"))));

    [Fact]
    public void Events_AreLogged() => AssertAll(15, document => EventName().Matches(document.Text)
        .SelectMany(m => Number().Matches(m.Value).Select(n => n.Value))
        .Select(n => (n, Repository.Events.Contains(n))));

    [Fact]
    public void CodesAndVariables_AreInTheSources() => AssertAll(10, document => CodeName().Matches(document.Text)
        .Select(m => (m.Value, m.Value.StartsWith('C') ? Repository.HasCode(m.Value) : Repository.Mentions(m.Value))));

    /// <summary>Fails with every name that is not there, and with fewer names than there were when the test was written.</summary>
    private static void AssertAll(int least, Func<Document, IEnumerable<(string Name, bool IsThere)>> find)
    {
        (string Path, string Name, bool IsThere)[] names =
            [.. Document.All.SelectMany(d => find(d).Select(f => (d.Path, f.Name, f.IsThere)))];

        string[] missing = [.. names.Where(n => !n.IsThere).Select(n => $"{n.Path}: {n.Name}").Distinct()];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
        Assert.True(names.Length >= least, $"{names.Length} names were found");
    }

    private static bool IsReason(string[] parts) =>
        parts.Length == 3 && (parts[0] == "*" || Has<EndParty>(parts[0])) && Has<EndPhase>(parts[1]) && Has<EndCause>(parts[2]);

    private static bool Has<T>(string word)
        where T : struct, Enum => Enum.GetNames<T>().Contains(char.ToUpperInvariant(word[0]) + word[1..]);

    private static void Walk(JsonElement schema, string name, Action<string, string> visit)
    {
        if (schema.TryGetProperty("properties", out JsonElement properties))
        {
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                visit(name, property.Name);
                Walk(property.Value, property.Name, visit);
            }
        }
        if (schema.TryGetProperty("items", out JsonElement items)) Walk(items, name, visit);
    }

    [GeneratedRegex(@"^[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+(?:\.[A-Z]\w+)?$")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"^(?![A-Z/]+$)(?=.*/|.*\.(?:cs|sh|md|csproj)$)[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/?$")]
    private static partial Regex PathName();

    [GeneratedRegex(
        @"^(?:[a-z]+[A-Za-z]*\.)*[a-z]+(?:[A-Z][a-z0-9]+)+$|^(?:engine|admin|log|healthCheck|acceptProxy|keepAlive)\.[a-z]\w+$|^(?:client|"
        + @"upstream|proxy|operator)\.\w+\.\w+$")]
    private static partial Regex KeyName();

    [GeneratedRegex(@"(?:^|[ $(])fasttcpproxy((?: +[^\s|>#&;)]+)*)")]
    private static partial Regex Call();

    [GeneratedRegex("^[a-z]+$")]
    private static partial Regex Verb();

    [GeneratedRegex("^--[a-z][a-z-]+$")]
    private static partial Regex Option();

    [GeneratedRegex(@"\bevents? \d{4}(?:(?:, | and |; | or )\d{4})*")]
    private static partial Regex EventName();

    [GeneratedRegex(@"\b\d{4}\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"\bC[01]\d\d\b|\bFASTTCPPROXY_[A-Z_]+\b")]
    private static partial Regex CodeName();
}
