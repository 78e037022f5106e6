import { place } from '../router.js';
import { Action } from '../shell/action.js';
import { choosePictures } from './choose.js';
import { LookAlikes } from './look-alikes.js';
import { StoreActions } from './store-actions.js';
import { type Subject, subjectOf } from './subject.js';
import { SubjectPicture } from './subject-picture.js';

/** What looks like a picture that was dropped, or that is in one of the services. */
export function SimilarView() {
  const subject = subjectOf(place.value.search);
  if (!subject) return <ChooseFirst isLost={place.value.search.has('picture')} />;
  return (
    <main class="similar">
      <div class="subject">
        <h1>Look-alikes</h1>
        <SubjectPicture subject={subject} />
        {subject.kind === 'chosen' && <StoreActions picture={subject.picture} />}
      </div>
      <LookAlikes key={nameOf(subject)} subject={subject} />
    </main>
  );
}

function nameOf(subject: Subject): string {
  return subject.kind === 'chosen' ? subject.picture.id : JSON.stringify(subject);
}

function ChooseFirst({ isLost }: { isLost: boolean }) {
  return (
    <main>
      <section class="nothing">
        <h1>Find look-alikes</h1>
        <p>
          {isLost
            ? 'The picture was on this page alone, and the page was opened anew. Choose it once more.'
            : 'Drop a picture anywhere on this page, paste one, or choose one. You see what looks like it in imgcache and in the collections. Nothing is stored until you say so.'}
        </p>
        <div class="actions">
          <Action icon="look" kind="primary" onPress={choosePictures}>
            Choose a picture
          </Action>
        </div>
        <p class="hint">
          A hash in the search box works too: 16 hex digits are a dHash, 64 the hash of a picture’s bytes.
        </p>
      </section>
    </main>
  );
}
