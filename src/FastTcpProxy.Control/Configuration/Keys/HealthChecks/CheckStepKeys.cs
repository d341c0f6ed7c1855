using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>The keys of one of <c>steps</c>. Immutable, any thread.</summary>
internal static class CheckStepKeys
{
    private static readonly Key<ImmutableArray<byte>> Send = Key<ImmutableArray<byte>>.WithComputedDefault("send",
        new BytesKind(ConfigurationLimits.CheckSendBytesMax), () => [],
        "What the step sends. What came before is dropped.", "\"QUIT\\r\\n\"");

    private static readonly Key<ContentPattern?> Expect = Key<ContentPattern?>.WithComputedDefault("expect",
        new ContentPatternKind(), () => null,
        "What must be among all that has come since the last send. Steps without a send between them search the same bytes.",
        "\"/^220 .*\\n/\"");

    public static ObjectKind<CheckStep> Kind { get; } = new([Send, Expect], Make,
        () => """
            {
              "anyOf": [{ "required": ["send"] }, { "required": ["expect"] }],
              "not": { "required": ["send", "expect"] },
              "allOf": [
                {
                  "properties": {
                    "send": { "doNotSuggest": true, "pattern": "[\\s\\S]" },
                    "expect": { "doNotSuggest": true, "pattern": "[\\s\\S]" }
                  }
                }
              ]
            }
            """);

    private static CheckStep Make(ObjectReader reader)
    {
        var step = new CheckStep(reader.Get(Send), reader.Get(Expect));
        if (reader.Sound(Send, Expect) && step.Send.IsEmpty == step.Expect is null)
            reader.Context.Problems.Error(reader.Node.At, ConfigurationCodes.UnclearStep,
                $"{reader.Node.Path} {(step.Expect is null ? "neither sends nor expects" : "sends and expects")}, expected one of "
                + "\"send\" and \"expect\" with a text");
        return step;
    }
}
