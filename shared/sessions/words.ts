import type { Random } from "../platform/random.ts";

/** Two words that stand in the message and on the page, so that each proves the other. */
export type ProofWords = readonly [string, string];

/**
 * 256 plain words, as many as a byte has values, so that a byte draws one evenly. Any two differ in at least
 * three letters and in their first four, so that none is taken for another on a small screen or read aloud.
 */
export const PROOF_WORDS: readonly string[] = `
acorn alder almond anchor antler apple apricot apron arbor ash aspen atlas autumn badger balcony bamboo
banjo barley barn basil basket beacon beaver bench berry biscuit blossom bonnet bottle bramble brass
bridge brook bugle burrow butter cabin cactus camel candle canvas canyon carpet cedar celery cello chalk
chimney circle clay cliff clover coast coconut compass copper coral cotton crane cricket cupboard
curtain cushion cypress daisy desert dinner dolphin donkey doorbell drawer drum dune echo elm ember
ermine fabric feather fennel fiddle field fjord flute forest fossil fox galaxy garden garlic gazelle
giraffe glacier goblet gondola goose granite guitar gull hammock hamster harvest hedgehog helmet hickory
horizon iceberg igloo indigo inkwell iris island ivy jackdaw jasmine jigsaw juniper kangaroo kayak
kitchen kite koala lagoon lamp lantern lapis laurel lemon lentil library lilac linen lizard lobster
locket lotus lynx magnet mahogany marble marigold meadow meteor mint mirror mitten mosaic moss muffin
mulberry museum mustard napkin nectar needle nest nickel notebook nursery nutmeg oak oboe ocean olive
onion opera orbit orchid osprey palace panda papaya paper parrot pasture peanut pebble pelican penguin
petal piano pickle picnic pigeon pillow poplar poppy porch potato prairie pudding pumpkin puzzle quail
quartz quince rabbit radish raft rainbow raisin raven reef rhubarb ribbon rowan ruby saffron sailor
sapphire sardine saucer scarf sequoia shell shovel sketch sleigh slope snow sofa spinach spring squirrel
stable summer sunrise tapestry teapot temple thimble tiger topaz tractor trolley trumpet tulip tundra
turtle umbrella vanilla viaduct village violet volcano waffle walnut wheat whistle window wolf wren
yacht yogurt zebra zephyr
`
  .trim()
  .split(/\s+/);

/** Draws two different words; any pair is as likely as any other, to within half a per cent. */
export function drawWords(random: Random): ProofWords {
  const [first = 0, high = 0, low = 0] = random.bytes(3);
  // A step of 1 to 255 words away from the first can never come back to it.
  const step = 1 + ((high * 256 + low) % 255);
  return [wordAt(first), wordAt((first + step) % 256)];
}

function wordAt(index: number): string {
  const word = PROOF_WORDS[index];
  if (word === undefined) throw new RangeError(`There are 256 proof words; none at ${index}.`);
  return word;
}
