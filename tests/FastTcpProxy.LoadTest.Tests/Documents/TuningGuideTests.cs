using System.Text.RegularExpressions;
using FastTcpProxy.LoadTest.Scenarios;

namespace FastTcpProxy.LoadTest.Tests.Documents;

/// <summary>What tuning.md names exists: sysctls, keys of the configuration, words of the session log, commands.</summary>
public sealed class TuningGuideTests
{
    /// <summary>Of modules that are not loaded everywhere, and what older kernels have not.</summary>
    private static readonly string[] NotEverywhere = ["net.netfilter.", "net.ipv4.tcp_syn_linear_timeouts"];

    private static readonly string Guide = Documents.Read("tuning.md");

    [Fact]
    public void Sysctls_ExistOnThisKernel()
    {
        string[] names = [.. Regex.Matches(Guide, @"\b(?:net|fs|vm|kernel)\.[a-z0-9_]+(?:\.[a-z0-9_]+|[-_][a-z0-9_-]+)+|\bfs\.[a-z_]+")
            .Select(m => m.Value).Distinct()
            .Where(n => !NotEverywhere.Any(other => n.StartsWith(other, StringComparison.Ordinal)))];

        Assert.DoesNotContain(names, n => !File.Exists("/proc/sys/" + n.Replace('.', '/')));
        Assert.True(names.Length >= 15, string.Join(" ", names));
    }

    /// <summary>A key is one of the reference; another word in its spelling is one of the session log.</summary>
    [Fact]
    public void KeysAndReasons_AreThoseOfTheProxy()
    {
        string known = string.Join('\n', Documents.Read("src/docs/configuration.md").Split('\n').Where(l => l.StartsWith('|')))
            + Documents.Read("src/docs/session-log.md");
        string[] words =
            [.. Documents.Code(Guide).Where(w => Regex.IsMatch(w, @"^(engine\.|healthCheck\.|proxy\.)?[a-z]+([A-Z][a-z]+)+$")).Distinct()];

        Assert.DoesNotContain(words, w => !Regex.IsMatch(known, $@"\b{w[(w.LastIndexOf('.') + 1)..]}\b"));
        Assert.True(words.Length >= 10, string.Join(" ", words));
    }

    [Fact]
    public void Commands_NameScriptsProjectsAndScenariosThatThereAre()
    {
        string[] commands = [.. Documents.Code(Guide).Where(c => Regex.IsMatch(c, @"ab\.sh|--project|bench/\w+\.sh"))
            .Where(c => !c.Contains('[', StringComparison.Ordinal))];
        string[] scenarios = [.. Catalogue.All.Select(s => s.Name)];

        foreach (string command in commands)
        {
            foreach (Match path in Regex.Matches(command, @"(?:bench|loadtest)/[\w./-]+"))
                Assert.True(Path.Exists(Path.Combine(Documents.Root, path.Value)), command);
            if (Regex.Match(command, @"ab\.sh (\S+) (\S+) (\S+) (\d+)") is { Success: true } ab)
                Assert.Contains(ab.Groups[3].Value, scenarios);
            else if (Regex.Match(command, @"-- run (\S+)") is { Success: true } run) Assert.Contains(run.Groups[1].Value, scenarios);
            else Assert.DoesNotContain("ab.sh", command, StringComparison.Ordinal);
        }
        Assert.True(commands.Length >= 10, string.Join("\n", commands));
    }

    /// <summary>Each knob has its effect, or says that it was not measured.</summary>
    [Fact]
    public void EveryKnob_WasMeasured_OrSaysThatItWasNot()
    {
        string[] knobs = Regex.Split(Guide, "^### ", RegexOptions.Multiline)[1..];

        Assert.Empty(knobs.Where(k => !Regex.IsMatch(k, @"\*\*(Not m|M)easured") && !k.StartsWith("Queues", StringComparison.Ordinal)
            && !k.StartsWith("Rings", StringComparison.Ordinal)).Select(k => k.Split('\n')[0]));
        Assert.DoesNotContain("{{", Guide, StringComparison.Ordinal);
    }
}
