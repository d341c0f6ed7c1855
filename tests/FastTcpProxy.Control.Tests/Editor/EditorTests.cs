using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Tests.Configuration;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Editor;

/// <summary>What an operator meets who writes a configuration in VS Code, by the language service that is in it.</summary>
public sealed partial class EditorTests
{
    [Fact]
    public async Task Editor_EveryExampleOfTheRepository_HasNoComplaint()
    {
        string[] examples =
        [
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Examples", "fasttcpproxy.json")),
            .. Fences().Matches(File.ReadAllText(Path.Combine(ProxyExecutable.RepositoryRoot, "README.md"))).Select(m => m.Groups[1].Value),
        ];
        Assert.True(examples.Length >= 3);
        Assert.All(examples, example => Assert.Empty(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(example), "proxy.json").Errors));

        LanguageService.Answer[] answers = await LanguageService.AskAsync(examples);

        Assert.Equal(examples.Length, answers.Length);
        Assert.Empty(answers.SelectMany(answer => answer.Problems));
    }

    [Fact]
    public async Task Editor_CommentAndTrailingComma_AreNoError()
    {
        LanguageService.Answer[] answers = await LanguageService.AskAsync("// a comment\n" + Given.Service("\"mode\": \"raw\", /* b */"));

        Assert.Empty(answers[0].Problems);
    }

    [Theory]
    [InlineData("\"idleTimeout\": \"5 minutes\"", "\"5 minutes\"",
        "Expected a duration from \"1ms\" to \"7d\", written in quotes with its unit ms, s, m, h or d.")]
    [InlineData("\"idleTimeout\": 600", "600",
        "Expected a duration from \"1ms\" to \"7d\", written in quotes with its unit ms, s, m, h or d.")]
    [InlineData("\"idleTimeout\": \"8d\"", "\"8d\"",
        "Expected a duration from \"1ms\" to \"7d\", written in quotes with its unit ms, s, m, h or d.")]
    [InlineData("\"conectTimeout\": \"5s\"", "\"conectTimeout\"", "Property conectTimeout is not allowed.")]
    [InlineData("\"mode\": \"proxy\"", "\"proxy\"", "Expected \"proxy-v2\", \"proxy-v1\" or \"raw\".")]
    [InlineData("\"abortOnClose\": \"true\"", "\"true\"", "Expected true or false without quotes.")]
    [InlineData("\"acceptProxy\": { \"from\": [\"10.0.0.0/33\"] }", "\"10.0.0.0/33\"",
        "Expected a network such as \"10.0.0.0/8\" or \"2001:db8::/32\", or one address.")]
    [InlineData("\"healthCheck\": { \"type\": \"tcp\", \"url\": \"http://a/\" }", "\"url\"",
        "This key belongs to a check of another type, and this one is of type \"tcp\".")]
    [InlineData("\"healthCheck\": { \"url\": \"http://a/\", \"send\": \"a\" }", "\"send\"",
        "This key belongs to a check of another type, and this one is of type \"http\".")]
    [InlineData("\"healthCheck\": { \"method\": \"GET\" }", "\"healthCheck\"", "Missing property \"url\".")]
    public async Task Editor_Mistake_IsMarkedAndExplainedInWords(string keys, string marked, string message)
    {
        LanguageService.Answer[] answers = await LanguageService.AskAsync(Given.Service(keys));

        LanguageService.Problem problem = Assert.Single(answers[0].Problems);
        Assert.Equal((marked, message), (problem.Marked, problem.Message));
    }

    [Fact]
    public async Task Editor_KeyUnderThePointer_ShowsMeaningDefaultAndBounds()
    {
        LanguageService.Answer[] answers =
            await LanguageService.AskAsync(Given.Service("\"conn§ectTimeout\": \"5s\""), Given.Service("\"onAllFailed\": \"re§set\""));

        Assert.StartsWith("How long one address of an upstream may stay silent", answers[0].Hover);
        Assert.Contains("Default: `\"5s\"`. Value: a duration from \"1ms\" to \"1h\"", answers[0].Hover);
        Assert.EndsWith("`reset`: The client's connection is reset \\(RST\\)\\.", answers[1].Hover);
    }

    [Fact]
    public async Task Editor_Completion_OffersKeysWordsAndSnippets()
    {
        LanguageService.Answer[] answers = await LanguageService.AskAsync(
            Given.Service("§"),
            Given.Service("\"mode\": §"),
            "{ \"services\": [§] }",
            Given.Service("\"healthCheck\": §"),
            Given.Service("\"healthCheck\": { \"url\": \"http://a/\", § }"),
            Given.Service("\"idleTimeout\": §"));

        LanguageService.Completion key = Assert.Single(answers[0].Completions, item => item.Label == "idleTimeout");
        Assert.StartsWith("A session with no progress", key.Says);
        Assert.Contains("Default: `\"10m\"`", key.Says);
        Assert.Contains(answers[5].Completions, item => item.Label == "\"10m\"" && item.Says == "Default value");
        Assert.DoesNotContain(answers[0].Completions, item => item.Label is "name" or "listen");
        Assert.Equal(["\"proxy-v2\"", "\"proxy-v1\"", "\"raw\""], answers[1].Completions.Select(item => item.Label).Distinct());
        Assert.Contains(answers[2].Completions, item => item.Label == "service" && item.Insert!.Contains("upstreams"));
        Assert.Contains(answers[3].Completions, item => item.Label == "TCP check" && item.Insert!.Contains("tcp"));
        Assert.All(answers[4].Completions, item => Assert.NotEqual("", item.Says));
        Assert.Contains(answers[4].Completions, item => item.Label == "interval");
    }

    /// <summary>The real language service and the validator of the tests agree, so that what the tests found holds for editors.</summary>
    [Fact]
    public async Task Editor_MistakesThatOnlyCheckFinds_AreNotMarked()
    {
        string[] examples = [.. OnlyCheck.All.Where(entry => entry.Example.Length > 0).Select(entry => entry.Example)];

        LanguageService.Answer[] answers = await LanguageService.AskAsync(examples);

        Assert.Empty(answers.SelectMany(answer => answer.Problems));
    }

    [GeneratedRegex("```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fences();
}
