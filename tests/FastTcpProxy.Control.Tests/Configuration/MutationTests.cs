using System.Text;
using System.Text.Json;
using CsCheck;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// Whatever comes in, the loader never throws, and it either gives a configuration or says why not. A failing seed is printed.
/// </summary>
public sealed class MutationTests
{
    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "//", "/*", "*/", "\n", "\0", "null", "true", "0", "-1", "1e999", "99999999999999999999",
        "\"0s\"", "\"5s\"", "\"\"",
        "\"\\ud800\"", "é", "𝕏", "{}", "[]", "\"healthCheck\": {},", "\"type\": \"tcp\",", "\"type\": \"none\",", "{host}",
        "{port}", "{name}",
        "/", "(", "hex:", "https://", "\"body\": \"/a/\",", "\"Host\": \"\",", "\"caFile\": \"x\",", "\"mode\": \"raw\",",
        "\"listen\": [],", "\"unix:/x\"", "[::]:1", "0.0.0.0:1", "%", "::", "/8",
    ];

    private static readonly byte[] Example = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Examples", "fasttcpproxy.json"));

    private static readonly Gen<string> Fragment = Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]);

    private static readonly Gen<byte[]> Insertion =
        Gen.OneOf(Gen.Const(Array.Empty<byte>()), Fragment.Select(Encoding.UTF8.GetBytes), Gen.Byte.Array[1, 3]);

    private static readonly Gen<(int At, int Removed, byte[] Inserted)> Edit = Gen.Select(Gen.Int[0, Example.Length],
        Gen.Int[0, 12], Insertion);

    [Fact]
    public void Parse_MutatedExample_NeverThrows() => Edit.Array[1, 6].Sample(edits =>
    {
        byte[] mutated = Example;
        foreach ((int at, int removed, byte[] inserted) in edits)
        {
            int begin = Math.Min(at, mutated.Length);
            int end = Math.Min(begin + removed, mutated.Length);
            mutated = [.. mutated[..begin], .. inserted, .. mutated[end..]];
        }
        CheckResult(mutated);
    }, iter: 5_000);

    [Fact]
    public void Parse_AnyBytes_NeverThrows() => Gen.Byte.Array[0, 200].Sample(CheckResult, iter: 5_000);

    [Fact]
    public void Parse_AnyTextAsAnyAddress_NeverThrows() =>
        Gen.OneOf(Gen.String[0, 30], Fragment.Array[0, 8].Select(string.Concat), Gen.String[Gen.Char["0123456789abcdef.:[]/%x-"], 0, 40])
        .Sample(text =>
        {
            CheckText(new ListenAddressKind(), text);
            CheckText(new UpstreamAddressKind(), text);
            CheckText(new NetworkKind(), text);
            CheckText(new SourceAddressKind(), text);
            CheckText(new TlvTypeKind(), text);
            CheckText(new UrlTemplateKind(), text);
            CheckText(new UrlTemplateKind(), "http://" + text);
            CheckText(new AddressTemplateKind(), text);
            CheckText(new ServerNameKind(), text);
            CheckText(new FilePathKind(), text);
            CheckText(new MethodKind(), text);
            CheckText(new StatusRangeKind(), text);
            CheckText(new BytesKind(10), text);
            CheckText(new DurationKind(TimeSpan.Zero, ConfigurationLimits.DurationMax), text);
            CheckText(new DurationKind(ConfigurationLimits.DurationMin, ConfigurationLimits.DurationMax), text);
        }, iter: 20_000);

    [Fact]
    public void TryParse_AnyTextAsPattern_NeverThrows() =>
        Gen.OneOf(Gen.String[0, 30], Gen.String[Gen.Char["abk0129.*+?()[]{}|^$\\-,:<=!#/&pPLduDwWsSZi \u0130\u212A"], 0, 30]).Sample(text =>
        {
            CheckText(new ContentPatternKind(), text);
            CheckText(new ContentPatternKind(), $"/{text}/");
            CheckText(new ContentPatternKind(), $"/{text}/i");
        }, iter: 2_000);

    /// <summary>A text that is refused has a code, and one that is taken matches the pattern of the schema.</summary>
    private static void CheckText<T>(TextKind<T> kind, string text)
    {
        if (!kind.TryParse(text, out _, out ValueFault fault))
            Assert.Matches("^C03[0-9]$", fault.Code);
        else
            Assert.Null(SchemaAgreement.Violation(kind, text));
    }

    private static void CheckResult(byte[] bytes)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(bytes, Given.FileName);
        Assert.Equal(result.Errors.IsEmpty, result.Configuration is not null);
        // The tolerant reader explains what is not JSON, and never makes it acceptable.
        if (!IsJson(bytes)) Assert.NotEmpty(result.Errors);
        Assert.All(result.Errors, error => Assert.True(error is { Line: >= 1, Column: >= 1, Severity: ConfigurationSeverity.Error }));
        Assert.All(result.Errors, error => Assert.DoesNotContain(error.Message, char.IsControl));
        Assert.Equal(result.Errors.OrderBy(error => (error.Line, error.Column)), result.Errors);
        SchemaAgreement.Check(bytes, result);
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            ReadOnlyMemory<byte> text = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsMemory(3) : bytes;
            JsonDocument.Parse(text, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 1000 })
                .Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
