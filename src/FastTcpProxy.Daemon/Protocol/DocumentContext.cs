using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>
/// How the documents of the administrative interface are written and read: generated, without reflection. A missing key is an error for the
/// reader. An unknown key is ignored, so that an older client understands a newer server. Immutable, any thread.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(OverrideDocument))]
[JsonSerializable(typeof(ChangeDocument))]
[JsonSerializable(typeof(OverrideRequestDocument))]
[JsonSerializable(typeof(SessionsDocument))]
[JsonSerializable(typeof(KilledDocument))]
[JsonSerializable(typeof(ReloadDocument))]
[JsonSerializable(typeof(DrainDocument))]
[JsonSerializable(typeof(DrainRequestDocument))]
[JsonSerializable(typeof(LogDocument))]
[JsonSerializable(typeof(ExplainDocument))]
[JsonSerializable(typeof(EventsDocument))]
[JsonSerializable(typeof(StreamBeginDocument))]
[JsonSerializable(typeof(StreamGapDocument))]
[JsonSerializable(typeof(StreamEndDocument))]
[JsonSerializable(typeof(VerboseDocument))]
[JsonSerializable(typeof(VerboseRuleDocument))]
[JsonSerializable(typeof(VerboseRequestDocument))]
[JsonSerializable(typeof(RemovedDocument))]
[JsonSerializable(typeof(BlockDocument))]
[JsonSerializable(typeof(EntryDocument))]
[JsonSerializable(typeof(EntryRequestDocument))]
[JsonSerializable(typeof(ImportedDocument))]
[JsonSerializable(typeof(BlockCheckDocument))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class DocumentContext : JsonSerializerContext;
