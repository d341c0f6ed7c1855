using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// The dialogue of each type of check without HTTP. The ready-made ones end as their protocol wants it, so that the server does not count
/// or log a client that broke off. Pure functions, any thread.
/// </summary>
internal static class CheckScripts
{
    public static ImmutableArray<DialogueStep> Of(HealthCheckConfiguration config) => config.Type switch
    {
        CheckType.Smtp => MailDialogue.Smtp(config.Helo),
        CheckType.Imap => MailDialogue.Imap,
        CheckType.Pop3 => MailDialogue.Pop3,
        CheckType.Mysql => MysqlDialogue.Login(config.User!),
        CheckType.Postgresql => PostgresqlDialogue.Of(config.User),
        _ => config.Steps.IsEmpty ? OfOneAnswer(config) : OfSteps(config),
    };

    private static ImmutableArray<DialogueStep> OfOneAnswer(HealthCheckConfiguration config)
    {
        var steps = ImmutableArray.CreateBuilder<DialogueStep>();
        if (!config.Content.IsEmpty) steps.Add(new SendStep("", BytesOf(config.Content.Items)));
        if (config.Expect.Body is { } pattern) steps.Add(new ExpectStep("", pattern));
        return steps.DrainToImmutable();
    }

    private static ImmutableArray<DialogueStep> OfSteps(HealthCheckConfiguration config) =>
    [
        .. config.Steps.Select((step, index) => step.Expect is { } pattern
            ? (DialogueStep)new ExpectStep($"step {index + 1}", pattern)
            : new SendStep($"step {index + 1}", BytesOf(step.Send.Items))),
    ];

    private static byte[] BytesOf(ImmutableArray<byte> bytes) => ImmutableCollectionsMarshal.AsArray(bytes)!;
}
